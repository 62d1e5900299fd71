// The page in a browser, of a service of the tests' own: what its tests have in common.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { readyQueriesFolder } from '../../src/explorer.ts'
import { loadReadyQueries } from '../../src/platform/http/explorer/ready-queries.ts'
import { launchBrowser, type OpenPage, openPage } from '../support/browser.ts'
import { startKitaab } from '../support/command.ts'
import { temporaryHomes } from '../support/homes.ts'

/** Those that everybody is offered; some are open from the start. */
export const offered = loadReadyQueries(readyQueriesFolder).all.filter(({ role }) => role === null)
export const tabs = offered.filter(({ isTab }) => isTab)

/** What is running: the printed link, and where it leads. */
export const explorer = {
  link: '',
  origin: '',
  /** An answer that a browser notes in its console by itself: of this test alone. */
  expectedStatus: null as number | null,
}

const opened: OpenPage[] = []
let browser: Browser | null

/** Starts a service with the demo world before all tests of a file, and ends it; every page is closed after its test, without an offence. */
export function withExplorer(): void {
  const homes = temporaryHomes()
  let service: ReturnType<typeof startKitaab> | undefined
  jest.setTimeout(90_000)

  beforeAll(async () => {
    browser = await launchBrowser()
    if (browser === null) return
    service = startKitaab(['serve'], {
      KITAAB_HOME: homes.newHome(),
      PORT: '0',
      DEMO: 'on',
      EXPLORER: 'on',
      CORS_ORIGINS: '',
      // These few people open the page more often than anybody would.
      VIEWER_POINTS_PER_MINUTE: '100000',
    })
    explorer.link = await printed(service, /signs in once: (\S+)/)
    explorer.origin = new URL(explorer.link).origin
  })

  afterEach(async () => {
    const noted = `the server responded with a status of ${explorer.expectedStatus} `
    explorer.expectedStatus = null
    for (const { context, offences } of opened.splice(0)) {
      await context.close()
      expect(offences.filter((offence) => !offence.includes(noted))).toEqual([])
    }
  })

  afterAll(async () => {
    await browser?.close()
    service?.child.kill('SIGTERM')
    await service?.outcome
    homes.removeAll()
  })
}

async function printed(started: ReturnType<typeof startKitaab>, what: RegExp): Promise<string> {
  for (;;) {
    const text = what.exec(started.stderr())?.[1]
    if (text !== undefined) return text
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.stderr()}`)
    await delay(20)
  }
}

function someBrowser(): Browser {
  if (browser === null) throw new Error('There is no browser.')
  return browser
}

export async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const { page } = await openNothing(options)
  await page.goto(address)
  return page
}

/** A page of a new browser, which has not gone anywhere yet. */
export async function openNothing(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const opening = await openPage(someBrowser(), explorer.origin, options)
  opened.push(opening)
  return opening
}

export async function openAs(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open(explorer.origin, options)
  await page.getByRole('button', { name }).click()
  await page.getByText(`Signed in as ${name}`).waitFor()
  return page
}

export async function fillIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** 0 is black, 1 is white. */
export function lightness(page: Page, selector: string): Promise<number> {
  return page.evaluate(`{
    const colour = getComputedStyle(document.querySelector('${selector}')).backgroundColor
    colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765
  }`)
}

export function isAnswerTo(request: { url(): string; postData(): string | null }, name: string): boolean {
  return request.url() === `${explorer.origin}/graphql` && (request.postData() ?? '').includes(` ${name}`)
}

/** Runs the tab that is open; answers what the service said. */
export async function run(page: Page, name: string) {
  const answered = page.waitForResponse((response) => isAnswerTo(response.request(), name))
  await page.getByRole('button', { name: 'Execute query' }).click()
  const answer = await (await answered).json()
  await page.getByRole('button', { name: 'Execute query' }).waitFor()
  return answer
}

export function editorText(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector} .CodeMirror')?.CodeMirror.getValue() ?? ''`)
}

export async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await until(async () => (await editorText(page, selector)).includes(text))
}

/** The page's policy forbids what Playwright's own waiting would evaluate in it. Ended by the test's time-out. */
export async function until(isSo: () => Promise<unknown>): Promise<void> {
  while (!(await isSo())) await delay(20)
}

/** What stands in the pane of answers, once there is one. */
export async function shownAnswer(page: Page) {
  await expectText(page, '.graphiql-response', '}')
  return JSON.parse(await editorText(page, '.graphiql-response'))
}
