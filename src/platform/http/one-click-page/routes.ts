import path from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { directionOf, escapeHtml, type InEachLanguage, type Language, languageOf } from '../../letters.ts'
import { readAssets, serveAssets } from '../page-assets.ts'
import { protectPage } from '../page-security.ts'
import { oneClickPage } from './path.ts'

/** What the page says about what its link turns off. */
export interface OneClickTexts {
  readonly question: string
  readonly explained: string
  readonly button: string
  readonly done: string
  readonly doneExplained: string
}

export interface OneClickOptions<Kind extends string> {
  readonly texts: InEachLanguage<Readonly<Record<Kind, OneClickTexts>> & { readonly broken: BrokenTexts }>
  /** What the token turns off; null when it is none of ours. */
  kindOf(token: string): Kind | null
  turnOff(token: string, request: { requestId: string; ip: string }): Promise<void>
}

export interface BrokenTexts {
  readonly title: string
  readonly explained: string
}

/** No scripts; its one form goes where the page came from. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const mostBytes = 4096

interface Asked {
  Querystring: { token?: unknown; lang?: unknown }
}

/**
 * A Fastify plugin: the page behind the link in a mail that turns something off, for somebody who need not be logged in. To open it
 * changes nothing, as programs that look into mails open links as well; its button, or the mail program's own (RFC 8058), does it.
 */
export function oneClickRoutes<Kind extends string>(options: OneClickOptions<Kind>) {
  return async (app: FastifyInstance): Promise<void> => {
    const assets = [
      ['account.css', path.join(import.meta.dirname, '../account-pages/page/account.css')],
      ['favicon.svg', path.join(import.meta.dirname, '../signed-in-page/page/favicon.svg')],
    ] as const
    const folder = serveAssets(app, `/${oneClickPage}-page`, readAssets(assets)).slice(1)
    // All is in the address: what is sent with it is read and thrown away.
    const forms = ['application/x-www-form-urlencoded', 'multipart/form-data']
    app.addContentTypeParser(forms, { parseAs: 'buffer', bodyLimit: mostBytes }, async () => null)
    app.get<Asked>(`/${oneClickPage}`, async (request, reply) => {
      const { token, language, kind } = askedBy(request, options)
      const texts = options.texts[language]
      if (token === null || kind === null) return sendBroken(reply, language, folder, texts.broken)
      const { question, explained, button } = texts[kind]
      const form = `<form method="post"><button type="submit">${escapeHtml(button)}</button></form>`
      return sendPage(reply, { language, folder, title: question, explained, form })
    })
    app.post<Asked>(`/${oneClickPage}`, async (request, reply) => {
      const { token, language, kind } = askedBy(request, options)
      const texts = options.texts[language]
      if (token === null || kind === null) return sendBroken(reply, language, folder, texts.broken)
      await options.turnOff(token, { requestId: request.id, ip: request.ip })
      return sendPage(reply, { language, folder, title: texts[kind].done, explained: texts[kind].doneExplained })
    })
  }
}

function askedBy<Kind extends string>(request: FastifyRequest<Asked>, { kindOf }: OneClickOptions<Kind>) {
  const { token, lang } = request.query
  const text = typeof token === 'string' ? token : null
  return {
    token: text,
    kind: text === null ? null : kindOf(text),
    language: languageOf(typeof lang === 'string' ? lang : 'en'),
  }
}

function sendBroken(reply: FastifyReply, language: Language, folder: string, { title, explained }: BrokenTexts) {
  return sendPage(reply.code(404), { language, folder, title, explained })
}

interface Page {
  readonly language: Language
  readonly folder: string
  readonly title: string
  readonly explained: string
  readonly form?: string
}

function sendPage(reply: FastifyReply, { language, folder, title, explained, form = '' }: Page): FastifyReply {
  protectPage(reply, policy)
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)} · Kitaab</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" type="image/svg+xml" href="${folder}/favicon.svg">
<link rel="stylesheet" href="${folder}/account.css">
</head>
<body>
<header><img src="${folder}/favicon.svg" alt="" width="28" height="28"> Kitaab</header>
<main>
<section>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(explained)}</p>
${form}
</section>
</main>
</body>
</html>
`)
}
