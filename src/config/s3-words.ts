import type { TagList } from './setting-kinds.ts'

const mostTags = 10
const longestKey = 128
const longestValue = 256

/** `team=data,cost=17` as S3 takes it: at most ten, each key once; null for anything else. */
export function tagListOf(text: string): TagList | null {
  const tags = text.split(',').flatMap((pair) => tagOf(pair) ?? [])
  const keys = new Set(tags.map(([key]) => key))
  const areAll = tags.length === text.split(',').length && keys.size === tags.length
  return areAll && tags.length <= mostTags ? Object.freeze({ written: text, tags }) : null
}

function tagOf(pair: string): [Tag] | null {
  const { key = '', value = '' } = /^(?<key>[^=]*)=(?<value>.*)$/u.exec(pair)?.groups ?? {}
  const tag = [key.trim(), value.trim()] as const
  const fits = key.trim() !== '' && key.length <= longestKey && value.length <= longestValue
  return fits ? [tag] : null
}

type Tag = readonly [key: string, value: string]
