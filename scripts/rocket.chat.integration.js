/*
 * For Rocket.Chat: paste all of this into the field "Script" of an incoming webhook, and enable
 * scripts there. It shows what backup-container sends with WEBHOOK_FORMAT=form or json.
 * docs/notifications-email.md says how, step by step.
 *
 * It runs in every sandbox that Rocket.Chat has had: one class, no modules, nothing but the language.
 */

/** Where the console of your OpenShift 4 is, `https://console.apps.…`; empty: messages have no link. */
const CONSOLE_BASE_URL = ''

const STYLES = {
  INFO: { word: 'Status', color: '#36A64F', bold: false },
  WARN: { word: 'Warning', color: '#E8A317', bold: false },
  ERROR: { word: 'Error', color: '#A63636', bold: true },
}

/** Longer ones make the channel slow for everybody; the whole text is in the log of the container. */
const LONGEST_MESSAGE = 40000

// oxlint-disable-next-line no-unused-vars -- Rocket.Chat takes the class by its name.
class Script {
  /**
   * Rocket.Chat calls it for each request.
   * @returns the message for the channel, or what the sender is told is wrong.
   */
  process_incoming_request({ request }) {
    const fields = fieldsOf(request)
    if (!isNotice(fields)) return { error: { success: false, message: 'This is no notice.' } }
    const style = STYLES[textOf(fields.statusCode).trim().toUpperCase()] || STYLES.INFO
    const text = `${style.word} message received${originOf(fields)}:`
    const attachment = { text: messageOf(fields), color: style.color }
    return {
      content: { text: style.bold ? `**${text}**` : text, attachments: [attachment] },
    }
  }
}

/** An object for both encodings; some versions of Rocket.Chat leave the body as it came. */
function fieldsOf(request) {
  const content = request && (request.content || request.content_raw)
  if (content && typeof content === 'object') return content
  const body = textOf(content).trim()
  return body.charAt(0) === '{' ? fieldsOfJson(body) : fieldsOfForm(body)
}

function fieldsOfJson(body) {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function fieldsOfForm(body) {
  const fields = {}
  for (const pair of body.split('&')) {
    const at = pair.indexOf('=')
    if (at > 0) fields[decoded(pair.slice(0, at))] = decoded(pair.slice(at + 1))
  }
  return fields
}

function decoded(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function isNotice(fields) {
  return ['statusCode', 'message', 'projectName', 'projectFriendlyName'].some(
    (name) => textOf(fields[name]) !== '',
  )
}

/** ` from [Production](link)`; without a link where no project is named, or no console. */
function originOf(fields) {
  const project = textOf(fields.projectName).trim()
  const name = plain(textOf(fields.projectFriendlyName)) || plain(project)
  if (name === '') return ''
  const base = CONSOLE_BASE_URL.replace(/\/+$/, '')
  if (base === '' || project === '') return ` from ${name}`
  return ` from [${name}](${base}/k8s/cluster/projects/${encoded(project)}/workloads)`
}

/** A parenthesis would end the link. */
function encoded(text) {
  return encodeURIComponent(text).replace(/\(/g, '%28').replace(/\)/g, '%29')
}

/** On one line, and without what would end the link or the bold text around it, or call people. */
function plain(text) {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\[/g, '(')
    .replace(/\]/g, ')')
    .replace(/[*`]/g, '')
    .replace(/@(?=\S)/g, '@ ')
    .trim()
}

/** What is in a message of a tool must not wake a whole channel; other names stay as they are. */
function uncalling(text) {
  return text.replace(/@(?=(?:all|here)(?![\w-]|\.\w))/gi, '@\u200B')
}

function messageOf(fields) {
  const message = uncalling(textOf(fields.message))
  if (message.trim() === '') return '(The notice has no message.)'
  if (message.length <= LONGEST_MESSAGE) return message
  // Not in the middle of a character that takes two places.
  const shown = message.slice(0, LONGEST_MESSAGE).replace(/[\uD800-\uDBFF]$/, '')
  return `${shown}\n… (${message.length - shown.length} more characters are in the log of the container)`
}

function textOf(value) {
  return value === undefined || value === null ? '' : String(value)
}
