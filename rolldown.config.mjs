/**
 * The program in a few files: hundreds of small modules take twice as long to start. Packages stay
 * where npm put them (docs/decisions/0014-built-into-few-files.md).
 */
export default {
  input: 'src/main.ts',
  platform: 'node',
  // Whatever is no path: packages, and modules of Node.js.
  external: /^[^./]/u,
  output: { dir: 'dist', format: 'esm', cleanDir: true, chunkFileNames: '[name].js' },
}
