/** Colours that programs write for terminals (ECMA-48, "select graphic rendition"), as pieces of text with a style. */

export interface Span {
  text: string;
  color: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

type Style = Omit<Span, "text">;

const PLAIN: Style = { color: null, bold: false, dim: false, italic: false, underline: false };
const ESCAPE = "\u001B";
/** Colour sequences end with `m`; all others of their kind move cursors and clear lines, which means nothing in a log. */
const SEQUENCE = new RegExp(`${ESCAPE}\\[([0-9;:]*)m|${ESCAPE}\\[[0-?]*[ -/]*[@-~]|${ESCAPE}\\][^\\u0007${ESCAPE}]*(?:\\u0007|${ESCAPE}\\\\)|${ESCAPE}[@-Z\\\\-_]`, "g");
/** Black and blue are lightened: the log is dark in either theme. */
const BASIC = ["#8a8378", "#ff8f83", "#9bd68b", "#f2c572", "#8fbcf5", "#dfa5ec", "#7fd3cc", "#e9e4d8"] as const;
const BRIGHT = ["#aba391", "#ffb3aa", "#bce8af", "#ffdc9c", "#b5d4fb", "#ecc6f5", "#a9e6e1", "#ffffff"] as const;

export function spansOf(line: string): Span[] {
  if (!line.includes(ESCAPE)) {
    return [{ ...PLAIN, text: line }];
  }
  const spans: Span[] = [];
  let style = PLAIN;
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    add(spans, line.slice(from, match.index), style);
    from = match.index + match[0].length;
    if (match[1] !== undefined) {
      style = restyled(style, match[1]);
    }
  }
  add(spans, line.slice(from), style);
  return spans;
}

/** The text alone, for searching and copying. */
export function plainText(line: string): string {
  return line.includes(ESCAPE) ? line.replace(SEQUENCE, "") : line;
}

function add(spans: Span[], text: string, style: Style): void {
  if (text) {
    spans.push({ ...style, text });
  }
}

function restyled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const { color, length } = extended(codes.slice(index + 1));
      style = code === 38 ? { ...style, color } : style;
      index += length;
    } else {
      style = simple(style, code);
    }
  }
  return style;
}

const SWITCHES: Readonly<Record<number, Partial<Style>>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  39: { color: null },
};

function simple(style: Style, code: number): Style {
  if (code >= 30 && code <= 37) {
    return { ...style, color: BASIC[code - 30] ?? null };
  }
  if (code >= 90 && code <= 97) {
    return { ...style, color: BRIGHT[code - 90] ?? null };
  }
  return { ...style, ...SWITCHES[code] };
}

/** What follows 38 or 48: `5;n` of a table of 256 colours, or `2;r;g;b`. */
function extended(codes: number[]): { color: string | null; length: number } {
  const [kind, ...values] = codes;
  if (kind === 2) {
    return { color: rgb(values.slice(0, 3)), length: 4 };
  }
  return kind === 5 ? { color: indexed(values[0] ?? 0), length: 2 } : { color: null, length: 0 };
}

function indexed(index: number): string | null {
  if (index < 16) {
    return (index < 8 ? BASIC[index] : BRIGHT[index - 8]) ?? null;
  }
  if (index >= 232) {
    return rgb(Array<number>(3).fill((index - 232) * 10 + 8));
  }
  const cube = index - 16;
  return rgb([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => (level ? level * 40 + 55 : 0)));
}

function rgb(values: number[]): string {
  return `rgb(${values.map((value) => Math.min(255, Math.max(0, value || 0))).join(" ")})`;
}
