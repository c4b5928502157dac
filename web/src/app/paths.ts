/** The addresses of the page's own parts. */
export const LOGIN = "/login";
export const SETUP = "/setup";
export const DASHBOARD = "/dashboard";
export const PACKAGES = "/dashboard/packages";
export const UPDATES = "/dashboard/updates";
export const KEPT_DATA = "/dashboard/kept-data";
export const STORAGE = "/dashboard/storage";
export const SERVICES = "/dashboard/services";
export const HOME = PACKAGES;
