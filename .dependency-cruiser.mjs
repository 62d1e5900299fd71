// The import directions of ARCHITECTURE.md: main -> commands -> app -> domains -> platform -> generated, and the order of domains.
const order = [
  'identity',
  'audit',
  'administration',
  'settings',
  'support',
  'sharing',
  'deeds',
  'entries',
  'journal',
  'resources',
  'uploads',
  'surveys',
  'progress',
  'statistics',
  'dashboard',
  'analytics',
  'reminders',
  'search',
  'transfer',
  'retention',
]
const room = (name) => `(${name})(/|\\.ts$)`
const standsOn = (domain) => order.slice(0, order.indexOf(domain))
const above =
  '^src/(commands/|app\\.ts|main\\.ts|loaders\\.ts|resolvers\\.ts|jobs\\.ts|schedules\\.ts|worker\\.ts|metrics\\.ts)'

function error(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to }
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    error(
      'no-cycles',
      'Break the cycle: move what both need below both.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    // What a page loads is served from one folder, wherever it lies here; tests open the pages in a browser.
    error('no-unresolvable', 'It does not exist.', { pathNot: '/page/[a-z-]+\\.js$' }, { couldNotResolve: true }),
    error(
      'generated-is-the-bottom',
      'Generated files import only generated files, packages, and the types that rows have.',
      { path: '^src/generated/' },
      { path: '^src/', pathNot: '^src/(generated/|context\\.ts$|domains/[^/]+/(queries|rules)(/|\\.ts$))' },
    ),
    error(
      'platform-knows-no-domain',
      'platform imports platform and generated.',
      { path: '^src/platform/' },
      { path: `^src/domains/|${above}` },
    ),
    error(
      'domains-are-below-the-app',
      'A domain imports domains, platform and generated.',
      { path: '^src/domains/' },
      { path: above },
    ),
    error(
      'app-is-below-commands',
      'app.ts knows no command.',
      { path: '^src/app\\.ts$' },
      { path: '^src/(commands/|main\\.ts$)' },
    ),
    error(
      'commands-are-below-main',
      'A command does not know main.ts.',
      { path: '^src/commands/' },
      { path: '^src/main\\.ts$' },
    ),
    error(
      'rules-are-pure',
      'rules.ts imports rules, types and a decimal library.',
      { path: `^src/domains/[^/]+/${room('rules')}` },
      {
        pathNot: `^src/domains/[^/]+/${room('rules')}|node_modules/big\\.js/|^src/platform/(civil-dates|graphql/errors|graphql/text)\\.ts$`,
        dependencyTypesNot: ['type-only'],
      },
    ),
    error(
      'queries-are-below-graphql',
      'queries.ts imports platform/database, rows of jobs, generated, and other queries and rules.',
      { path: `^src/domains/[^/]+/${room('queries')}` },
      {
        path: '^src/',
        pathNot: `^src/(platform/database/|platform/graphql/errors\\.ts$|platform/jobs/job-rows\\.ts$|generated/|domains/[^/]+/${room('queries|rules')})`,
      },
    ),
    error(
      'sql-is-in-queries',
      'SQL lives in queries.',
      { path: '^src/domains/', pathNot: `^src/domains/[^/]+/(demo/)?${room('queries')}` },
      { path: 'node_modules/(kysely|pg)/' },
    ),
    error(
      'no-foreign-resolvers',
      "Use another domain's queries, loaders and rules, never its resolvers or jobs.",
      { path: '^src/domains/([^/]+)/' },
      { path: `^src/domains/[^/]+/${room('resolvers|jobs')}`, pathNot: '^src/domains/$1/' },
    ),
    ...order.map((domain) =>
      error(
        `domain-order-${domain}`,
        `${domain} may use: ${standsOn(domain).join(', ') || 'no other domain'}.`,
        { path: `^src/domains/${domain}/` },
        {
          path: '^src/domains/',
          pathNot: `^src/domains/(${[domain, ...standsOn(domain)].join('|')})/`,
          dependencyTypesNot: ['type-only'],
        },
      ),
    ),
    error(
      'only-config-reads-the-environment',
      'config.ts alone reads the environment.',
      { path: '^src/', pathNot: '^src/config\\.ts$' },
      { path: '^(node:)?process$' },
    ),
  ],
  options: {
    // Without it the tool reads no TypeScript 7 project, and calls nothing a success; the check also counts the modules.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}
