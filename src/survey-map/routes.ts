import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { readAssets, serveAssets } from '../platform/http/page-assets.ts'
import { contentSecurityPolicy, protectPage } from '../platform/http/page-security.ts'
import { filesIn, ofPackage, signedInAssets } from '../platform/http/signed-in-page/assets.ts'
import { renderSignedInPage, type SignInSettings } from '../platform/http/signed-in-page/render.ts'

export interface SurveyMapOptions extends SignInSettings {
  /** What the page sends to begin and end a session, by name. */
  readonly signInDocuments: Readonly<Record<'logIn' | 'refreshSession' | 'logOut', string>>
}

export const surveyMapFolder = import.meta.dirname

/** What the page itself sends, beside what signs in. */
export function surveyMapDocuments() {
  const read = (name: string) => fs.readFileSync(path.join(surveyMapFolder, 'documents', `${name}.graphql`), 'utf8')
  return {
    project: read('project'),
    hillshade: read('hillshade'),
    requestHillshade: read('request-hillshade'),
    download: read('download'),
  }
}

/** A Fastify plugin: the map of a project at `/surveys/ID`, and its files. It loads nothing from elsewhere. */
export async function surveyMapRoutes(app: FastifyInstance, options: SurveyMapOptions): Promise<void> {
  const { signInDocuments, ...settings } = options
  const folder = serveAssets(
    app,
    '/survey-map/assets',
    readAssets([
      ...signedInAssets,
      ['leaflet.js', ofPackage('leaflet', 'dist/leaflet.js')],
      ['leaflet.css', ofPackage('leaflet', 'dist/leaflet.css')],
      ...filesIn(path.join(surveyMapFolder, 'page')),
    ]),
  )
  const page = {
    title: 'Survey · Kitaab',
    starting: 'Unfolding the map ...',
    withoutScripts: `The map needs JavaScript. The API answers at ${settings.graphqlPath} without it.`,
    styles: ['leaflet.css', 'map.css'],
    scripts: ['leaflet.js'],
    settings: { ...settings, documents: { ...signInDocuments, ...surveyMapDocuments() } },
  }
  // Whoever may not see the project, or is not signed in, gets the same page: it holds nothing of anybody's.
  app.get('/surveys/:project', (_request, reply) => {
    const nonce = randomBytes(16).toString('base64')
    protectPage(reply, contentSecurityPolicy(nonce))
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(renderSignedInPage(page, folder, nonce))
  })
}
