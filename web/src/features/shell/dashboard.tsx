import { Navigate, Route, Routes } from "react-router";
import { NotFound } from "@/app/not-found";
import { HOME } from "@/app/paths";
import { OperationsProvider } from "@/features/operations/operations";
import { PackagesPage } from "@/features/packages/catalogue/packages-page";
import { DialogsProvider } from "@/features/packages/dialogs";
import { KeptDataPage } from "@/features/packages/kept/kept-data-page";
import { OperationTray } from "@/features/packages/operation-tray";
import { UpdatesPage } from "@/features/packages/updates/updates-page";
import { ServicesPage } from "@/features/services/services-page";
import { StoragePage } from "@/features/storage/storage-page";
import { TransfersProvider } from "@/features/transfers/transfers";
import { Shell } from "./shell";

/** The inside: for who is signed in. */
export default function Dashboard() {
  return (
    <OperationsProvider>
      <TransfersProvider>
        <DialogsProvider>
          <Shell>
            <Routes>
              <Route index element={<Navigate to={HOME} replace />} />
              <Route path="packages" element={<PackagesPage />} />
              <Route path="updates" element={<UpdatesPage />} />
              <Route path="kept-data" element={<KeptDataPage />} />
              <Route path="storage" element={<StoragePage />} />
              <Route path="services" element={<ServicesPage />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Shell>
          <OperationTray />
        </DialogsProvider>
      </TransfersProvider>
    </OperationsProvider>
  );
}
