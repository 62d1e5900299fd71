// The contract of the peers whose schema is written by hand: flat at the root, so that no statement is spent on the way to the rows.
export const typeDefs = /* GraphQL */ `
  type Query {
    access(owner: ID!, viewer: ID!, item: ID!): Access!
    entries(owner: ID!, from: String!, to: String!, first: Int!): [Entry!]!
    sharedEntries(owner: ID!, viewer: ID!, from: String!, to: String!, first: Int!): [Entry!]!
    totals(owner: ID!, from: String!, to: String!): [Total!]!
    deedTotals(owner: ID!, from: String!, to: String!): [DeedTotal!]!
    deeds(owner: ID!): [Deed!]!
    merits(owner: ID!): [Merit!]!
  }
  type Mutation {
    recordEntry(owner: ID!, item: ID!, date: String!, count: String!): Recorded!
  }
  type Access {
    mayRead: Boolean!
    mayRecord: Boolean!
  }
  type Entry {
    id: ID!
    date: String!
    count: String
    notes: String
    version: Int!
    scaleValue: ScaleValue
    item: DeedItem!
  }
  type ScaleValue {
    id: ID!
    name: String!
  }
  type DeedItem {
    id: ID!
    parentId: ID
    level: Int!
    name: String!
    deed: Deed!
    latestEntry: Entry
  }
  type Deed {
    id: ID!
    name: String!
    category: String!
    items: [DeedItem!]!
  }
  type Total {
    category: String!
    entryCount: Int!
    recordedDays: Int!
    averageScore: String
  }
  type DeedTotal {
    deedId: ID!
    entryCount: Int!
    recordedDays: Int!
    countTotal: String
    averageScore: String
  }
  type Merit {
    id: ID!
    title: String!
    progress(asOf: String!): Progress!
  }
  type Progress {
    ratio: Float!
    value: String!
  }
  type Recorded {
    written: Boolean!
    date: String!
    count: String!
    merits: [Merit!]!
  }
`
