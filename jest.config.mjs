/**
 * Modules are loaded by Node and kept from file to file in each worker (test/support/runner). The tests' database server is started once, each
 * test file gets a database of its own.
 */
export default {
  runtime: './test/support/runner/runtime.ts',
  testEnvironment: './test/support/runner/environment.mjs',
  testSequencer: './test/support/runner/sequencer.mjs',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: './test/support/global-setup.mjs',
  globalTeardown: './test/support/global-teardown.mjs',
  maxWorkers: 2,
  // A worker that has grown beyond it makes room for a new one.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
}
