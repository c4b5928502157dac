import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { SetupPage } from "@/features/setup/setup-page";
import { SignInPage } from "@/features/signin/signin-page";
import { Gate } from "./gate";
import { NotFound } from "./not-found";
import { HOME } from "./paths";

const Dashboard = lazy(() => import("@/features/shell/dashboard"));

export function AppRoutes() {
  return (
    <Routes>
      <Route path="/" element={<Navigate to={HOME} replace />} />
      <Route path="/setup" element={<Gate place="setup"><SetupPage /></Gate>} />
      <Route path="/login" element={<Gate place="login"><SignInPage /></Gate>} />
      <Route
        path="/dashboard/*"
        element={
          <Gate place="inside">
            <Suspense>
              <Dashboard />
            </Suspense>
          </Gate>
        }
      />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
