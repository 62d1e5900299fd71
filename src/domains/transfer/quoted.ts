const longest = 60

/** A text of a file as a message shows it: short, on one line, and without what moves a terminal's cursor. */
export function quoted(text: string): string {
  const start = [...text.slice(0, 2 * longest)].slice(0, longest).join('')
  return `"${withoutControls(start)}${start.length < text.length ? '…' : ''}"`
}

/** Each control character shown as U+FFFD. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd')
}
