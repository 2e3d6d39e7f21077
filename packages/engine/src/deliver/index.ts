// One attempt: connect, TLS, transaction, outcome.
export { createAttempter, type AttempterOptions } from './attempter.ts';
export { classOf, isPermanent, scopeOf } from './classify.ts';
