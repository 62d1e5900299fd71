import type { DemoDeed } from '../../src/domains/transfer/demo/world.ts'
import { lapses, lapsesBefore, prayer } from './scales.ts'

// What Leila keeps book of.

export const prayers: DemoDeed = {
  category: 'hasanaat',
  name: 'Prayers',
  description: 'The five every day, and what goes with them.',
  scale: prayer,
  items: [
    {
      name: 'Obligatory',
      items: [
        {
          name: 'Fajr',
          habit: {
            recorded: [0.65, 0.92],
            typical: [0.45, 0.72],
            strays: 0.5,
            inRamadan: 1.6,
            inSummer: 0.85,
            notes: ['Overslept after a late night', 'Walked to the mosque with Mother', 'So quiet outside'],
          },
        },
        {
          name: 'Dhuhr',
          habit: { recorded: [0.6, 0.85], typical: [0.6, 0.74], strays: 0.35, notes: ['Between two meetings'] },
          items: [
            { name: 'Sunnah of Dhuhr', habit: { recorded: [0.3, 0.5], typical: [0.5, 0.66], strays: 0.2, since: 160 } },
          ],
        },
        {
          name: 'Asr',
          habit: { recorded: [0.6, 0.85], typical: [0.55, 0.68], strays: 0.4, notes: ['Nearly forgot it at work'] },
        },
        {
          name: 'Maghrib',
          habit: {
            recorded: [0.65, 0.9],
            typical: [0.65, 0.8],
            strays: 0.35,
            inRamadan: 1.3,
            notes: ['At home, all of us together'],
          },
        },
        {
          name: 'Isha',
          habit: { recorded: [0.6, 0.85], typical: [0.55, 0.7], strays: 0.4, inRamadan: 1.4 },
          items: [{ name: 'Witr', habit: { recorded: [0.4, 0.7], typical: [0.5, 0.66], strays: 0.2, since: 200 } }],
        },
      ],
    },
    {
      name: 'Voluntary',
      items: [
        { name: 'Duha', habit: { recorded: [0.1, 0.3], typical: [0.66, 0.66], strays: 0.1, since: 120 } },
        {
          name: 'Night prayer',
          habit: { recorded: [0.05, 0.2], typical: [0.66, 0.66], strays: 0.1, notes: ['Two rakahs, long ones'] },
        },
      ],
    },
  ],
}

export const quran: DemoDeed = {
  category: 'hasanaat',
  name: 'Quran',
  description: 'A page or more a day, more in Ramadan.',
  unit: 'pages',
  items: [
    {
      name: 'Recitation',
      items: [
        {
          name: 'In the morning',
          habit: {
            recorded: [0.5, 0.8],
            typical: [2, 4],
            strays: 0.6,
            step: 0.5,
            inRamadan: 3,
            notes: ['Before anyone was awake', 'Only a little today', 'Finished the juz'],
          },
          items: [
            {
              name: 'Al-Kahf on Friday',
              habit: { recorded: [0.4, 0.8], typical: [11, 11.5], strays: 0.05, step: 0.5, weekdays: [5] },
            },
          ],
        },
        {
          name: 'In the evening',
          habit: { recorded: [0.35, 0.5], typical: [2, 3], strays: 0.6, step: 0.5, inRamadan: 3 },
        },
      ],
    },
    {
      name: 'Memorisation',
      items: [
        {
          name: 'New verses',
          habit: { recorded: [0.2, 0.4], typical: [0.5, 0.5], strays: 0.9, step: 0.25, since: 240 },
        },
        { name: 'Revision', habit: { recorded: [0.2, 0.4], typical: [1, 2], strays: 0.6, step: 0.5, since: 240 } },
      ],
    },
  ],
}

export const charity: DemoDeed = {
  category: 'hasanaat',
  name: 'Charity',
  unit: 'EGP',
  items: [
    {
      name: 'Money',
      items: [
        {
          name: 'To people I meet',
          habit: { recorded: [0.1, 0.16], typical: [30, 50], strays: 0.8, step: 10, inRamadan: 3 },
        },
        {
          name: 'The orphanage',
          habit: { recorded: [0.6, 0.8], typical: [200, 250], strays: 0.4, step: 50, weekdays: [5] },
        },
      ],
    },
  ],
}

export const fasting: DemoDeed = {
  category: 'hasanaat',
  name: 'Fasting',
  description: '1 for a day of fasting, 0 for a day on which I broke it.',
  unit: 'days',
  items: [
    {
      name: 'Voluntary',
      items: [
        {
          name: 'Mondays and Thursdays',
          habit: {
            recorded: [0.25, 0.45],
            typical: [0.9, 1],
            strays: 0.6,
            step: 1,
            weekdays: [1, 4],
            notes: ['A long day, but a good one'],
          },
        },
        { name: 'Days made up', habit: { recorded: [0.02, 0.03], typical: [1, 1], strays: 0.1, step: 1 } },
      ],
    },
  ],
}

export const tongue: DemoDeed = {
  category: 'saiyyiaat',
  name: 'The tongue',
  scale: lapses,
  scaleBefore: { untilDaysAgo: 150, values: lapsesBefore },
  items: [
    {
      name: 'Talking about others',
      items: [
        {
          name: 'At work',
          habit: {
            recorded: [0.3, 0.5],
            typical: [0.5, 0.2],
            strays: 0.4,
            weekdays: [1, 2, 3, 4, 7],
            inRamadan: 0.4,
            notes: ['Changed the subject this time'],
          },
          items: [
            { name: 'In group chats', habit: { recorded: [0.3, 0.4], typical: [0.4, 0.15], strays: 0.4, since: 90 } },
          ],
        },
      ],
    },
    {
      name: 'Harsh words',
      isPrivate: true,
      items: [
        {
          name: 'To those at home',
          habit: { recorded: [0.25, 0.35], typical: [0.35, 0.12], strays: 0.4, notes: ['Apologised before bed'] },
        },
      ],
    },
  ],
}

export const time: DemoDeed = {
  category: 'saiyyiaat',
  name: 'Time wasted',
  unit: 'minutes',
  items: [
    {
      name: 'On the phone',
      items: [
        {
          name: 'Social media',
          habit: { recorded: [0.4, 0.65], typical: [80, 38], strays: 0.6, step: 5, inRamadan: 0.4, inSummer: 1.3 },
          items: [
            {
              name: 'Short videos',
              habit: { recorded: [0.3, 0.3], typical: [40, 15], strays: 0.7, step: 5, since: 150 },
            },
          ],
        },
        { name: 'News', habit: { recorded: [0.15, 0.25], typical: [25, 15], strays: 0.5, step: 5 } },
      ],
    },
    {
      name: 'Television',
      items: [{ name: 'Series', habit: { recorded: [0.2, 0.1], typical: [60, 45], strays: 0.4, step: 15 } }],
    },
  ],
}
