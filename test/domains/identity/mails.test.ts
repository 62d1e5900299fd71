import { expect, test } from '@jest/globals'
import { closingMail, erasedMail } from '../../../src/domains/identity/mails.ts'

const service = 'https://kitaab.example'
const subjects = [
  ['en', 'Your account will be closed', 'Your account is erased', 'Monday, December 21, 2026'],
  ['ar-EG', 'سيُغلق حسابك', 'مُحي حسابك', 'الاثنين، 21 ديسمبر 2026'],
  ['id', 'Akun Anda akan ditutup', 'Akun Anda telah dihapus', 'Senin, 21 Desember 2026'],
] as const

test.each(subjects)('in %s: an account closes, and is erased', (locale, closing, erased, day) => {
  const reader = { email: 'leila@kitaab.example', locale }
  const closes = closingMail(reader, service, '2026-12-21 10:00:00+00', 30)
  expect([closes.to, closes.subject]).toEqual(['leila@kitaab.example', closing])
  expect(closes.text).toContain(day)
  expect(closes.text).toContain(`\n${service}/reset-password\n`)
  const gone = erasedMail(reader, service, 30)
  expect(gone.subject).toBe(erased)
  expect(gone.text).toContain(service)
  expect(gone.text).toContain('30')
})

test.each(['en', 'ar-EG', 'id'])('in %s: nothing is left in backups where there are none', (locale) => {
  const reader = { email: 'leila@kitaab.example', locale }
  const [some, none] = [30, 0].map((days) => erasedMail(reader, service, days).text)
  expect(none).not.toBe(some)
  expect(none).not.toMatch(/\b0\b/)
})

test('no line in Arabic is left in English', () => {
  const { text } = closingMail({ email: 'leila@kitaab.example', locale: 'ar' }, service, '2026-12-21 10:00:00+00', 30)
  const lines = text.split('\n').filter((line) => line !== '' && line !== 'Kitaab' && !line.startsWith(service))
  expect(lines.filter((line) => !/[\u0600-\u06ff]/.test(line))).toEqual([])
})
