// Submission: the door for mail.
export { SubmissionListener } from './listener.ts';
export { submissionDefaults, type SubmissionOptions, type SubmissionPorts } from './transaction.ts';
