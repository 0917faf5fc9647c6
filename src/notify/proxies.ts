import type { Environment } from '../platform/index.ts'

/** Proxies by their variables; empty: none. */
export interface Proxies {
  readonly httpProxy: string
  readonly httpsProxy: string
  readonly noProxy: string
}

/** Which variable names the proxy of an address; null: none does. For messages. */
export type ProxyNaming = (url: string) => string | null

export interface FoundProxies {
  readonly proxies: Proxies
  readonly naming: ProxyNaming
  /** About what cannot be an address; without the values, which may hold passwords. */
  readonly warnings: readonly string[]
}

/** Lower case wins, as with curl, which takes HTTP_PROXY in lower case only. */
export function proxiesIn(environment: Environment): FoundProxies {
  const https = firstSet(environment, ['https_proxy', 'HTTPS_PROXY'])
  const http = firstSet(environment, ['http_proxy'])
  const noProxy = firstSet(environment, ['no_proxy', 'NO_PROXY']).value
  const httpProxy = addressOf(http.value)
  const httpsProxy = addressOf(https.value)
  const warnings = [http, https].flatMap(({ name, value }) =>
    addressOf(value) === null
      ? [`${name} is no address of a proxy: notices go without it. Write ${name}=http://host:port.`]
      : [],
  )
  return {
    proxies: { httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy },
    naming: (text) => {
      const url = URL.parse(text)
      if (url === null || isExcepted(url, noProxy)) return null
      // What names none of its own for HTTPS takes that for HTTP.
      const own = url.protocol === 'https:' && (httpsProxy ?? '') !== '' ? https.name : null
      return own ?? ((httpProxy ?? '') === '' ? null : http.name)
    },
    warnings,
  }
}

function firstSet(
  environment: Environment,
  names: readonly [string, ...string[]],
): { readonly name: string; readonly value: string } {
  const name = names.find((one) => environment[one] !== undefined) ?? names[0]
  return { name, value: (environment[name] ?? '').trim() }
}

/** As curl reads it: without a scheme it is HTTP. null: it cannot be one. */
function addressOf(text: string): string | null {
  if (text === '') return ''
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : `http://${text}`)
  const isProxy = url !== null && ['http:', 'https:'].includes(url.protocol)
  return isProxy && url.pathname === '/' && url.search === '' && url.hash === '' ? url.href : null
}

function isExcepted({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/u, '$1')
  const at = port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port
  return noProxy.split(/[,\s]+/u).some((entry) => {
    const parts = /^(?:\*?\.)?(?<name>.+?)(?::(?<only>\d+))?$/u.exec(entry)?.groups
    const { name = '', only = at } = parts ?? {}
    return only === at && (name === '*' || host === name || host.endsWith(`.${name}`))
  })
}
