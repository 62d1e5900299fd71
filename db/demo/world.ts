import type { DemoWorld } from '../../src/domains/transfer/demo/world.ts'
import { budi } from './budi.ts'
import { leila } from './leila.ts'
import { maryam } from './maryam.ts'
import { demoSurveys } from './surveys.ts'
import { demoSettings, demoThings } from './things.ts'

/** Three people who trust each other with a part of their book. The printed link signs in as the first. */
export const demoWorld: DemoWorld = {
  password: 'kitaab-demo-only',
  people: [leila, budi, maryam],
  settings: demoSettings,
  things: demoThings,
  surveys: demoSurveys,
  staff: [
    {
      email: 'support@kitaab.example',
      username: 'support',
      fullName: 'Sara Haddad',
      city: 'Support',
      timeZone: 'Asia/Amman',
      dayStartMinutes: 0,
      weekStart: 7,
      locale: 'ar-JO',
      role: 'support',
    },
    {
      email: 'admin@kitaab.example',
      username: 'admin',
      fullName: 'Yusuf Idris',
      city: 'Administration',
      timeZone: 'Africa/Khartoum',
      dayStartMinutes: 0,
      weekStart: 7,
      locale: 'ar-SD',
      role: 'admin',
    },
    {
      email: 'analyst@kitaab.example',
      username: 'analyst',
      fullName: 'Amina Rahimi',
      city: 'Analytics',
      timeZone: 'Asia/Kuala_Lumpur',
      dayStartMinutes: 0,
      weekStart: 1,
      locale: 'en-MY',
      role: 'analyst',
    },
  ],
  relations: [
    {
      requester: budi.email,
      requestee: leila.email,
      accepted: true,
      grants: [{ item: ['Quran', 'Recitation'], type: 'read', sharesNotes: false }],
    },
    {
      requester: leila.email,
      requestee: maryam.email,
      accepted: true,
      grants: [{ item: ['Quran', 'Lesson'], type: 'write', sharesNotes: true }],
    },
    {
      requester: maryam.email,
      requestee: budi.email,
      accepted: true,
      grants: [{ item: ['Prayers', 'At the mosque'], type: 'read', sharesNotes: true }],
    },
    { requester: maryam.email, requestee: leila.email, accepted: false, grants: [] },
  ],
  letters: [
    {
      person: leila.email,
      author: leila.email,
      hoursAgo: 50,
      isRead: true,
      content: 'Peace be upon you. Can Budi see my notes on the Quran? I shared only the recitation with him.',
    },
    {
      person: leila.email,
      author: 'support@kitaab.example',
      hoursAgo: 47,
      isRead: true,
      content:
        'And upon you peace. No: a permission shows notes only where it says so, and yours does not. ' +
        'Permission.sharesNotes tells you for each.',
    },
    {
      person: leila.email,
      author: leila.email,
      hoursAgo: 3,
      isRead: false,
      content: 'Thank you! And may I move the lesson under another deed without losing its history?',
    },
    {
      person: budi.email,
      author: budi.email,
      hoursAgo: 30,
      isRead: true,
      content: 'My day starts at three in the morning. Will the reminders know?',
    },
    {
      person: budi.email,
      author: 'support@kitaab.example',
      hoursAgo: 28,
      isRead: false,
      content: 'They will: a reminder rings by your clock, and "today" is your own day, which begins at three.',
    },
  ],
  corrections: [
    {
      owner: maryam.email,
      writer: leila.email,
      item: ['Quran', 'Lesson', 'Revision'],
      daysAgo: 2,
      steps: [{ count: '4', note: 'Written down by Leila after the call' }],
    },
    {
      owner: maryam.email,
      writer: maryam.email,
      item: ['Quran', 'Lesson', 'Recited to my teacher'],
      daysAgo: 3,
      steps: [
        { count: '4', note: null },
        { count: '5.5', note: 'Counted again: five and a half' },
      ],
    },
    {
      owner: budi.email,
      writer: budi.email,
      item: ['Prayers', 'At the mosque', 'Subuh'],
      daysAgo: 1,
      steps: [
        { value: 'On time', note: null },
        { value: 'In congregation', note: 'The imam waited for us' },
      ],
    },
    {
      owner: leila.email,
      writer: leila.email,
      item: ['Prayers', 'Obligatory', 'Asr'],
      daysAgo: 1,
      steps: [
        { value: 'Missed', note: null },
        { value: 'Made up', note: 'In the taxi home' },
        { value: 'Made up', note: 'In the taxi home. Tomorrow before the meeting!' },
      ],
    },
  ],
}
