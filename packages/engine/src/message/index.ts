// Messages as bytes: facts for the spool, trace fields, DKIM.
export { addressLiteral, asciiDomain, fromDomainOf, splitMailbox, type FromDomain } from './address.ts';
export { RelaxedBodyHash, relaxedBodyHash } from './body-hash.ts';
export { fieldText, scanHeader, type HeaderField, type HeaderScan } from './header.ts';
export { inspectContent, MAX_LINE_BYTES, type ContentProblem, type Inspection } from './inspect.ts';
export { headerLength, LargeBody } from './large-submission.ts';
export { createSigner, type Signer, type SignerOptions, type SigningKey } from './signer.ts';
export { createSigningThreads } from './signing-threads.ts';
export { prepareSubmission, INSTRUCTION_PREFIX, type Submission, type SubmissionInput } from './submission.ts';
export { buildReport } from './report.ts';
export { statusOf, type ReportAction, type ReportedRecipient } from './report-fields.ts';
export { buildReceived, formatDate, type ReceivedFacts } from './trace.ts';
