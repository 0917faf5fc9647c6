/** What helps whoever lacks a right, to be continued with a full stop or another way. */
export const asSuperuser =
  'Set ADMIN_PASSWORD or ADMIN_PASSWORD_FILE (and ADMIN_USER, default postgres) to those of a superuser'
