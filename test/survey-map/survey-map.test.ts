import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { buildSchema, parse, validate } from 'graphql'
import type { Browser, Page } from 'playwright-core'
import { readSchemaText } from '../../src/platform/graphql/schema.ts'
import { surveyMapDocuments } from '../../src/survey-map/routes.ts'
import { password, peopleOf, tokenIn } from '../domains/identity/people.ts'
import { launchBrowser, type OpenPage, openPage, testInBrowser } from '../support/browser.ts'
import type { TestDatabase } from '../support/database.ts'
import { runJobs } from '../support/jobs.ts'
import { lasFile, type WrittenPoint } from '../support/las-writer.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'
import { startService, type TestService } from '../support/service.ts'

test('what the page sends fits the schema', () => {
  const schema = buildSchema(readSchemaText(), { assumeValidSDL: true })
  for (const document of Object.values(surveyMapDocuments())) expect(validate(schema, parse(document))).toEqual([])
})

/** A hill of 40 metres on a square of 200, in UTM zone 36 N near Cairo. */
const [east, north] = [330_000, 3_325_000]
const hill: WrittenPoint[] = Array.from({ length: 101 * 101 }, (_, index) => {
  const [x, y] = [2 * (index % 101), 2 * Math.floor(index / 101)]
  return [east + x, north + y, 40 * Math.exp(-((x - 100) ** 2 + (y - 100) ** 2) / 2500)]
})

describeWithPostgis('the map of a survey', () => {
  let database: TestDatabase
  let service: TestService
  let browser: Browser | null
  let origin: string
  let opened: OpenPage | undefined
  let projectId: string
  const email = 'leila@kitaab.example'

  beforeAll(async () => {
    browser = await launchBrowser()
    if (browser === null) return
    database = await newPostgisDatabase()
    service = await startService({ database, ownTokens: true, config: { explorer: true, port: 0, worker: false } })
    origin = (await service.app.start()).url
    projectId = await surveyOf(service)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
    await database?.stop()
  })
  afterEach(async () => {
    const offences = opened?.offences ?? []
    await opened?.context.close()
    opened = undefined
    expect(offences).toEqual([])
  })

  async function open(project = projectId, options = {}): Promise<Page> {
    if (browser === null) throw new Error('There is no browser.')
    opened = await openPage(browser, origin, options)
    await opened.page.goto(`${origin}/surveys/${encodeURIComponent(project)}`)
    return opened.page
  }

  async function signIn(page: Page) {
    await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  testInBrowser(
    'whoever signs in sees footprints and scans, and the surface of one of them, shaded, with the opacity they want',
    async () => {
      const page = await open()
      await signIn(page)
      await page.getByRole('heading', { name: 'The hill' }).waitFor()
      expect(await page.title()).toBe('The hill · Kitaab')
      expect(await page.locator('path.footprint').count()).toBe(2)
      await page.getByText('10,201 points').waitFor()

      // By the keyboard: the list beside the map leads to every footprint.
      await page.getByRole('button', { name: 'Flown in spring' }).press('Enter')
      expect(await page.locator('path.footprint.chosen').count()).toBe(1)
      await page.getByText('hill.las (LAS').waitFor()
      await page.getByText('EPSG:32636').waitFor()
      const asked = page.waitForResponse((answer) => answer.request().postData()?.includes('requestHillshade') ?? false)
      await page.getByRole('button', { name: 'Show the surface' }).click()
      await asked
      await runJobs(service)
      const surface = page.locator('img.surface')
      await surface.waitFor()
      await page.waitForFunction("document.querySelector('img.surface')?.naturalWidth > 0")
      await page.getByRole('slider', { name: 'Opacity of the surface' }).fill('0.5')
      expect(await surface.getAttribute('style')).toContain('opacity: 0.5')
      // The picture lies where the footprint is.
      const [picture, footprint] = [
        await surface.boundingBox(),
        await page.locator('path.footprint.chosen').boundingBox(),
      ]
      for (const side of ['x', 'y', 'width', 'height'] as const)
        expect(Math.abs((picture?.[side] ?? 0) - (footprint?.[side] ?? 0))).toBeLessThan(40)
      await page.getByRole('slider', { name: 'Opacity of the surface' }).fill('0.9')
      if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT })

      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download the points' }).click()
      expect((await downloading).suggestedFilename()).toBe('hill.las')
    },
    90_000,
  )

  testInBrowser('a footprint that is clicked shows what is known of its scan', async () => {
    const page = await open()
    await signIn(page)
    await page.locator('path.footprint').last().waitFor()
    await page.getByRole('button', { name: 'A field' }).click()
    await page.getByRole('button', { name: 'A field' }).click()
    await page.locator('path.footprint').last().click()
    expect(await page.locator('li.chosen').count()).toBe(1)
  })

  testInBrowser(
    'a project that is not there, or not theirs, is said not to be there, to narrow screens too',
    async () => {
      const page = await open('UHJvamVjdDo5OjE5', { viewport: { width: 380, height: 700 }, colorScheme: 'dark' })
      await signIn(page)
      await page.getByText('There is no project at this address that you may see.').waitFor()
    },
  )
})

/** A project with a scan of points, and one that came as a geometry; answers its id. */
async function surveyOf(service: TestService): Promise<string> {
  const people = peopleOf(service)
  await people.register({ email: 'leila@kitaab.example' })
  const [mail] = await people.mailsTo('leila@kitaab.example', 1)
  await people.verify(tokenIn(mail))
  const { data } = await people.logIn('leila@kitaab.example')
  const ask = async (query: string, variables: Record<string, unknown>) => {
    const { data: answered, errors } = await people.as(data.answer, query, variables)
    if (errors) throw new Error(JSON.stringify(errors))
    return answered
  }
  const { createProject } = await ask(
    'mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }',
    { input: { name: 'The hill', description: 'South of Cairo' } },
  )
  const projectId = createProject.project.id
  const addScan = (input: object) =>
    ask('mutation ($input: AddScanInput!) { addScan(input: $input) { scan { id } } }', {
      input: { projectId, ...input },
    })
  const { requestScanUpload } = await ask(
    'mutation { requestScanUpload(input: { fileName: "hill.las" }) { uploadId url } }',
    {},
  )
  const payload = lasFile({ points: hill, geoKeys: [[3072, 32_636]], created: [2025, 90] })
  await service.app.http.inject({ method: 'POST', url: new URL(requestScanUpload.url).pathname, payload })
  await addScan({ name: 'Flown in spring', uploadId: requestScanUpload.uploadId, data: { weather: 'clear' } })
  await runJobs(service)
  const corner = [31.246, 30.041]
  const ring = [
    [0, 0],
    [0.001, 0],
    [0.001, 0.001],
    [0, 0.001],
    [0, 0],
  ].map(([x = 0, y = 0]) => [(corner[0] ?? 0) + x, (corner[1] ?? 0) + y, 20])
  await addScan({ name: 'A field', geometry: { type: 'Polygon', coordinates: [ring] } })
  return projectId
}
