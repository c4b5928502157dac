/** Texts that belong to no single page. */
export const general = {
  "app.name": "Town OS",
  "app.starting": "Waking up Town OS…",
  "app.unreachable_title": "Town OS does not answer",
  "app.unreachable_text": "Check that the machine is switched on and that this device is in the same network. This page keeps trying by itself.",
  "app.not_found_title": "There is nothing here",
  "app.not_found_text": "The address may be mistyped, or the page has moved.",
  "app.go_home": "Go to your packages",
  "app.skip": "Skip to the content",
  "app.broken_title": "Something in this page broke",
  "app.broken_text": "Your machine and your packages are not affected. Load the page again to go on.",
  "app.reload": "Load the page again",

  "action.cancel": "Cancel",
  "action.close": "Close",
  "action.done": "Done",
  "action.retry": "Try again",
  "action.copy": "Copy",
  "action.copied": "Copied",
  "action.show_password": "Show password",
  "action.hide_password": "Hide password",

  "error.offline": "Town OS cannot be reached at the moment.",
  "error.unexpected": "Something went wrong.",
  "error.said": "Town OS says: {detail}",

  "connection.loading": "Connecting",
  "connection.online": "Online",
  "connection.offline": "Offline",

  "nav.label": "Main",
  "nav.packages": "Packages",
  "nav.services": "Services",
  "shell.admin": "Admin",
  "shell.sign_out": "Sign out",
  "shell.signed_in_as": "Signed in as {name}",
  "shell.boot": "Town OS is still starting up. What you see may not be complete yet.",
  "shell.space_low": "The disk is getting full. Uninstall what you no longer need.",
  "shell.space_full": "The disk is full. Free some space before you install anything else.",

  "search.clear": "Clear the search",

  "paging.label": "Pages",
  "paging.previous": "Previous",
  "paging.next": "Next",
  "paging.place": "Page {page} of {pages}",
} as const;
