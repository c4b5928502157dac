import type { Installed } from "../queries";

/** A page of an installed package, on the host that this page came from. */
export interface PortLink {
  port: number;
  href: string;
}

const HTTP = new Set(["http:", "https:"]);
const DEFAULT_PORTS: Record<string, number> = { "http:": 80, "https:": 443 };

/**
 * The ports of an installed package that a browser can open.
 *
 * If its notes hold web addresses, these give the ports and the path. Otherwise every port may be one.
 */
export function portLinks({ info, preview }: Installed, hostname: string): PortLink[] {
  const ports = new Set([...(preview?.external_ports.map((port) => port.external) ?? []), ...answeredPorts(info)]);
  const told = webNotes(info.notes, info.note_types).filter((url) => ports.has(portOf(url)));
  if (told.length) {
    return told.map((url) => ({ port: portOf(url), href: onHost(url, hostname) }));
  }
  return webNotes(info.notes, info.note_types).length ? [] : Array.from(ports, (port) => ({ port, href: `http://${hostname}:${port}/` }));
}

function answeredPorts({ questions, responses }: Installed["info"]): number[] {
  return Object.entries(questions).flatMap(([name, question]) => (question.type === "port" ? [Number(responses[name])] : [])).filter((port) => port > 0);
}

function webNotes(notes: Record<string, string>, types: Partial<Record<string, string>> = {}): URL[] {
  return Object.entries(notes).flatMap(([name, text]) => {
    const url = types[name] === "url" ? webAddress(text) : null;
    return url ? [url] : [];
  });
}

/** The address in a text, unless it would do something else than open a page. */
export function webAddress(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && HTTP.has(url.protocol) ? url : null;
}

function portOf(url: URL): number {
  return url.port ? Number(url.port) : (DEFAULT_PORTS[url.protocol] ?? 0);
}

function onHost(url: URL, hostname: string): string {
  const moved = new URL(url);
  moved.hostname = hostname;
  return moved.href;
}
