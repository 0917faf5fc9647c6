import { registerHooks } from 'node:module'

const collection = '/es-toolkit/dist/compat/index.mjs'
const needed = "export { throttle } from './function/throttle.mjs'"

/**
 * Until it is disposed of, ink gets the one function that it takes from a collection of 400 modules
 * without the others: they cost as much time as all the rest of it.
 */
export function quickLoading(): Disposable {
  const hooks = registerHooks({
    load: (url, context, next) =>
      url.endsWith(collection)
        ? { format: 'module', source: needed, shortCircuit: true }
        : next(url, context),
  })
  return { [Symbol.dispose]: () => hooks.deregister() }
}
