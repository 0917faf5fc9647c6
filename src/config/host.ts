import { isIPv6 } from 'node:net'

/** A host name, an IPv4 address, or an IPv6 address with or without brackets; null for others. */
export function hostOf(text: string): string | null {
  const address = /^\[(?<inside>.*)\]$/u.exec(text)?.groups?.['inside'] ?? text
  if (isIPv6(address)) return address
  return /^\w[\w.-]*$/u.test(text) ? text : null
}

/** As a spec writes it: an IPv6 address in brackets. */
export function printHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
