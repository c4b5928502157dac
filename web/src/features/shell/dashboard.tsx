import { Navigate, Route, Routes } from "react-router";
import { NotFound } from "@/app/not-found";
import { HOME } from "@/app/paths";
import { OperationsProvider } from "@/features/operations/operations";
import { PackagesPage } from "@/features/packages/packages-page";
import { ServicesPage } from "@/features/services/services-page";
import { Shell } from "./shell";

/** The inside: for who is signed in. */
export default function Dashboard() {
  return (
    <OperationsProvider>
      <Shell>
        <Routes>
          <Route index element={<Navigate to={HOME} replace />} />
          <Route path="packages" element={<PackagesPage />} />
          <Route path="services" element={<ServicesPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Shell>
    </OperationsProvider>
  );
}
