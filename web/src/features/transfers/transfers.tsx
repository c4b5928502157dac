import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from "react";
import { asApiError } from "@/api/errors";
import { newIdentifier } from "@/api/identifier";
import type { DownloadRequest, UploadFields, UploadPart } from "@/api/types";
import { hasEnded, useOperations } from "@/features/operations/operations";
import { useApi } from "@/session/session";
import { useEndWithPage } from "./end-with-page";
import { receive, SavingError } from "./receive";
import type { Sink } from "./sink";
import { type Outcome, outcomeOf, type Transfer } from "./transfer";

export interface Upload {
  name: string;
  file: File;
  /** The texts of the form. */
  fields: UploadFields;
}

export interface Download {
  name: string;
  fileName: string;
  request: DownloadRequest;
  sink: Sink;
}

interface Transfers {
  /** Transfers whose end nobody has seen, by id. */
  byId: ReadonlyMap<string, Transfer>;
  /** Both start at once, and return the id. */
  upload: (upload: Upload) => string;
  download: (download: Download) => string;
  cancel: (id: string) => void;
  forget: (id: string) => void;
}

/** The part of the form with the file. */
const FILE: UploadPart = "archive";
const NOT_YET = { done: 0, ended: null, cancelling: false, refusal: null } as const;

const TransfersContext = createContext<Transfers | null>(null);

/** Runs transfers, also while people look at other pages of the dashboard. */
export function TransfersProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const { byId: operations, renew, see } = useOperations();
  const [byId, setById] = useState<ReadonlyMap<string, Transfer>>(new Map());
  const leaving = useRef(new Map<string, AbortController>());

  const change = useCallback((id: string, news: Partial<Transfer>) => {
    setById((known) => {
      const transfer = known.get(id);
      return transfer ? new Map(known).set(id, { ...transfer, ...news }) : known;
    });
  }, []);

  const start = useCallback(
    (transfer: Pick<Transfer, "id" | "direction" | "name" | "fileName" | "total">, move: (signal: AbortSignal) => Promise<void>) => {
      const { id } = transfer;
      const controller = new AbortController();
      leaving.current.set(id, controller);
      setById((known) => new Map(known).set(id, { ...transfer, ...NOT_YET }));
      const end = (ended: Transfer["ended"]) => {
        leaving.current.delete(id);
        change(id, { ended });
        renew();
      };
      move(controller.signal).then(
        () => end("succeeded"),
        (error: unknown) => end(controller.signal.aborted ? "cancelled" : error instanceof SavingError ? "unsaved" : asApiError(error)),
      );
      return id;
    },
    [change, renew],
  );

  const upload = useCallback(
    ({ name, file, fields }: Upload) => {
      const id = newIdentifier();
      const form = formOf({ ...fields, operation_id: id }, file);
      const progress = (done: number, total: number) => change(id, { done, total });
      return start({ id, direction: "upload", name, fileName: file.name, total: file.size }, (signal) =>
        api.upload("/storage/upload-archive", form, { progress, signal }),
      );
    },
    [api, start, change],
  );

  const download = useCallback(
    ({ name, fileName, request, sink }: Download) => {
      const id = newIdentifier();
      const progress = (done: number) => change(id, { done });
      return start({ id, direction: "download", name, fileName, total: null }, (signal) =>
        receive(api.open("/storage/download-archive", request, signal), sink, progress),
      );
    },
    [api, start, change],
  );

  // What has arrived is no request any more but an operation, which is not stopped by hanging up.
  const cancel = useCallback(
    (id: string) => {
      const operation = operations.get(id);
      if (!operation || hasEnded(operation)) {
        leaving.current.get(id)?.abort();
        return;
      }
      change(id, { cancelling: true, refusal: null });
      api.post("/operations/cancel", { id }).then(
        () => change(id, { ended: "cancelled" }),
        (error: unknown) => change(id, { cancelling: false, refusal: asApiError(error) }),
      );
    },
    [api, change, operations],
  );
  const forget = useCallback(
    (id: string) => {
      see(id); // the operation that an upload has become
      setById((known) => {
        const rest = new Map(known);
        rest.delete(id);
        return rest;
      });
    },
    [see],
  );

  useEndWithPage(leaving, Array.from(byId.values()).some(({ ended }) => !ended));
  const value = useMemo(() => ({ byId, upload, download, cancel, forget }), [byId, upload, download, cancel, forget]);
  return <TransfersContext value={value}>{children}</TransfersContext>;
}

export function useTransfers(): Transfers {
  const value = use(TransfersContext);
  if (value === null) {
    throw new Error("useTransfers needs a TransfersProvider around it");
  }
  return value;
}

/** One transfer and its outcome; null if there is none with that id. */
export function useTransfer(id: string | null): { transfer: Transfer; outcome: Outcome } | null {
  const { byId } = useTransfers();
  const operations = useOperations();
  const transfer = id === null ? undefined : byId.get(id);
  return transfer ? { transfer, outcome: outcomeOf(transfer, operations.byId.get(transfer.id)) } : null;
}

/** The form of an upload. What comes before the file is read before the file has come. */
function formOf(fields: UploadFields, file: File): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  form.append(FILE, file);
  return form;
}
