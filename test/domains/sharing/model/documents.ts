// Wide documents about one person: every field that tells of somebody else's diary.

const AMOUNTS = 'entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore'
const STATISTICS = `from to ${AMOUNTS} missingDays minimum maximum distribution { scaleValue { id } entryCount share }`
const STREAK = 'asOf current { length from to } longest { length from to }'
const VALUE = 'count scaleValue { id } notes'
const KEPT_ENTRY = `id owner { id } item { id } date ${VALUE} origin version createdAt updatedAt`
const ENTRY = `${KEPT_ENTRY} recordedBy { id }`
const CHANGE = `id action oldValue { ${VALUE} } newValue { ${VALUE} } changedAt changedBy { id } origin`

const personDocument = ({ ofPerson = '', ofItem = '' }) => /* GraphQL */ `
  query Person($user: ID!, $range: DateRange!, $day: Date!) {
    user(id: $user) {
      id fullName username today ${ofPerson}
      deeds(includeHidden: true) {
        id owner { id } category name description measure unit displayOrder isHidden version createdAt updatedAt
        itemCount
        items { id children { id } }
        itemTree {
          id deed { id } parentId parent { id } children { id } hasChildren path { id } level name description displayOrder
          isHidden isPrivate version ${ofItem}
          entry(date: $day) { id count }
          today: entry { id }
          latestEntry { id }
          entries(first: 3) { totalCount nodes { id } pageInfo { hasNextPage } }
          statistics(range: $range) { ${STATISTICS} }
          alone: statistics(includeDescendants: false) { ${STATISTICS} }
          streak { ${STREAK} }
        }
        highest: itemTree(maxDepth: 1) { id }
        scale { id }
        scales {
          id versionNumber effectiveFrom effectiveTo isLocked
          values { id name order score normalizedScore color lineageKey }
        }
        statistics(range: $range) { ${STATISTICS} }
        streak { ${STREAK} }
        merits { totalCount nodes { id } }
      }
      good: deeds(category: HASANAAT) { id }
    }
  }`

export const PERSON = personDocument({ ofPerson: 'relation { id direction status }', ofItem: 'viewerMay' })

/** As much of it as may be kept. */
export const KEPT_PERSON = personDocument({})

/** The entries of a person with all their history, by one filter, and how many there are in pages of two. */
export const ENTRIES = /* GraphQL */ `
  query Entries($user: ID!, $filter: EntryFilter, $orderBy: EntryOrder, $after: String, $first: Int = 500) {
    user(id: $user) {
      entries(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount
        nodes { ${ENTRY} history(first: 100) { totalCount nodes { ${CHANGE} } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`

/** As much of them as may be kept. */
export const KEPT_ENTRIES = /* GraphQL */ `
  query Entries($user: ID!, $orderBy: EntryOrder) {
    user(id: $user) { entries(orderBy: $orderBy, first: 500) { totalCount nodes { ${KEPT_ENTRY} } } }
  }`

/** The same as rows of a file: one list, of which all is exported. */
export const EXPORTED_ENTRIES = /* GraphQL */ `
  query Entries($user: ID!, $orderBy: EntryOrder) {
    user(id: $user) {
      fullName
      entries(orderBy: $orderBy) { nodes { ${ENTRY} history { nodes { ${CHANGE} } } } }
    }
  }`

const DASHBOARD_FIELDS = `
  from to isPartial
  totals { category entryCount recordedDays averageScore }
  deeds { deed { id } ${AMOUNTS} }
  items { item { id } ${AMOUNTS} }`
const POINTS = 'category deed { id } item { id } points { date entryCount countTotal averageScore }'

export const DASHBOARD = /* GraphQL */ `
  query Dashboard($user: ID!, $range: DateRange!) {
    user(id: $user) {
      dashboard(range: $range) {
        ${DASHBOARD_FIELDS}
        months: series(by: CATEGORY, every: MONTH) { ${POINTS} }
        weeks: series(by: DEED, every: WEEK) { ${POINTS} }
        days: series(by: ITEM, every: DAY) { ${POINTS} }
        previous { ${DASHBOARD_FIELDS} }
      }
    }
  }`

export const NODES = /* GraphQL */ `
  query Nodes($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on DeedItem { parentId level name children { id } path { id } }
      ... on Deed { name itemCount }
      ... on Entry { date notes history { totalCount } }
      ... on EntryChange { newValue { notes } }
    }
  }`

/** What is found, with all that is told of it. */
export const SEARCH = /* GraphQL */ `
  query Search($text: String!, $after: String) {
    search(text: $text, first: 50, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node { kind rank owner { id } node { id } fragments { text isMatch } }
      }
    }
  }`

export const EXPORTED_SEARCH = /* GraphQL */ `
  query Found($text: String!) { search(text: $text) { nodes { kind rank owner { id } node { id } fragments { text isMatch } } } }`
