/** The languages that texts sent to people are written in. */
export type Language = 'en' | 'ar' | 'id'

/** Every text of a kind, in every language. */
export type InEachLanguage<Texts> = Readonly<Record<Language, Texts>>

const languages: readonly Language[] = ['en', 'ar', 'id']
const salutations: InEachLanguage<string> = { en: 'Peace be upon you,', ar: 'السلام عليكم،', id: 'Assalamualaikum,' }

/** The language of a locale (BCP 47), such as `ar` of `ar-EG`; English where there is no translation. */
export function languageOf(locale: string): Language {
  const [tag] = locale.toLowerCase().split('-')
  // The code that Indonesian had before 1989, which some systems still send.
  return languages.find((language) => language === tag) ?? (tag === 'in' ? 'id' : 'en')
}

export function directionOf(language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr'
}

/** A civil date in words, as the locale has them, in the language that there is. */
export function dateInWords(date: string, locale: string): string {
  const language = languageOf(locale)
  const known = Intl.DateTimeFormat.supportedLocalesOf(locale, { localeMatcher: 'lookup' })
  const [chosen = language] = known.filter((tag) => languageOf(tag) === language)
  // Digits as in the rest of the letter, and the calendar that dates are kept in.
  const style = { dateStyle: 'full', timeZone: 'UTC', numberingSystem: 'latn', calendar: 'gregory' } as const
  return new Intl.DateTimeFormat(chosen, style).format(new Date(`${date}T00:00:00Z`))
}

/** What is written to somebody: paragraphs of lines. A line that is a web address becomes a link. */
export interface Letter {
  readonly to: string
  readonly language: Language
  readonly subject: string
  readonly paragraphs: readonly (readonly string[])[]
  readonly headers?: Readonly<Record<string, string>>
}

export interface ComposedLetter {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The letter with its salutation, as plain text and as HTML that loads nothing from anywhere. */
export function composeLetter({ to, language, subject, paragraphs, headers }: Letter): ComposedLetter {
  const all = [[salutations[language]], ...paragraphs, ['Kitaab']]
  const oneLine = subject.replace(/\s+/g, ' ')
  return {
    to,
    subject: oneLine,
    text: `${all.map((lines) => lines.join('\n')).join('\n\n')}\n`,
    html: htmlOf(oneLine, language, all),
    ...(headers && { headers }),
  }
}

function htmlOf(subject: string, language: Language, paragraphs: readonly (readonly string[])[]): string {
  const body = paragraphs.map((lines) => `<p dir="auto">${lines.map(htmlLine).join('<br>\n')}</p>`)
  return `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font: 16px/1.6 sans-serif; max-width: 36em; margin: 1em auto; padding: 0 1em">
${body.join('\n')}
</body>
</html>
`
}

function htmlLine(line: string): string {
  const text = escapeHtml(line)
  return /^https?:\/\/\S+[^\s.]$/.test(line) ? `<a dir="ltr" href="${text}">${text}</a>` : text
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
