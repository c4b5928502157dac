/**
 * What the page says in place of sentences that the interface fixes for other clients, by the code of the error.
 *
 * `{0}`, `{1}` … are the parameters of the error, in their order.
 */
export const errors = {
  "api.question.missing": "Please answer this question.",
  "api.question.empty": "Please answer this question.",
  "api.question.control": "Use no line breaks and no control characters.",
  "api.question.too_long": "Use at most {0} characters.",
  "api.question.port": "Enter a number from 1 to 65535.",
  "api.question.hostname": "Use lowercase letters, digits and dashes, and begin with a letter.",
  "api.question.volume": "Use letters, digits, dashes and underscores.",
  "api.question.bytes": "Enter a size such as 500mb, 2gb or 1tb.",
  "api.question.duration": "Enter a duration such as 30s, 5m, 2h or 1d.",
  "api.install.not_installed": "{0} is not installed.",
  "api.storage.exists": "You already have a volume called {0}.",
  "api.storage.not_found": "There is no volume called {0}.",
  "api.storage.invalid_name": "Use letters, digits, dots, dashes and underscores, without spaces.",
  "api.storage.name_too_long": "Use at most {0} characters.",
  "api.storage.reserved": "That name is reserved. Choose another.",
  "api.storage.root": "This volume belongs to Town OS and cannot be changed.",
  "api.storage.rename_package": "The volume of a package cannot be renamed.",
  "api.vm.image_missing": "There is no VM image called {0}.",
  "api.vm.url_empty": "Enter the address of the image.",
  "api.account.contact_required": "Enter an email address, a phone number and a name.",
  "api.account.password_too_short": "Use at least {0} characters.",
  "api.account.password_too_long": "Use at most {0}.",
  "api.account.invalid_credentials": "The username or the password is wrong.",
  "api.account.invalid_email": "This is not a valid email address.",
  "api.account.invalid_phone": "This is not a valid phone number.",
  "api.archive.too_large": "The archive is larger than allowed.",
  "api.auth.invalid_session": "Your session has ended. Sign in again.",
  "api.auth.admin_required": "Only administrators can do this.",
  "api.repository.package_not_found": "There is no package called {0}.",
  "api.repository.exists": "You already have a repository called {0}.",
  "api.repository.not_found": "There is no repository called {0}.",
} as const;
