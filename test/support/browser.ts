import fs from 'node:fs'
import { test } from '@jest/globals'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  fs.existsSync(file),
)
const mustHave = process.env.CI === 'true'
if (found === undefined && !mustHave) console.warn('skipped: install chromium (apt-get install chromium)')

/** Like `test`; without a Chromium it is skipped, on a build server it fails. */
export const testInBrowser = found === undefined && !mustHave ? test.skip : test

// Chromium asks its maker's servers by itself, unless told not to.
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface OpenPage {
  readonly page: Page
  readonly context: BrowserContext
  /** What a page must not do: errors in the console, exceptions, requests to another origin. */
  readonly offences: string[]
}

/** Null where tests in a browser are skipped. */
export async function launchBrowser(): Promise<Browser | null> {
  if (found === undefined && !mustHave) return null
  return chromium.launch({ executablePath: found ?? '/usr/bin/chromium', args: flags })
}

/** A page of a person who was never here before, at an origin that it must not leave. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const offences: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) offences.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => offences.push(`exception: ${error.message}`))
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) offences.push(`foreign request: ${url}`)
  })
  return { page, context, offences }
}
