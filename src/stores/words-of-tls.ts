/** Node.js ends some with what only its developers can do; ours have a setting for it. */
export function wordsOfTls(message: string): string {
  return message.replace(/; if the root CA is installed locally, try running Node\.js.*$/u, '')
}
