// Submission: the door for mail.
export { ThreadedListener } from './threaded-listener.ts';
export { submissionDefaults } from './transaction.ts';
