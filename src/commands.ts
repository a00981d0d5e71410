/**
 * What a command file needs, and all that it may import. A command is one file in `commands/` with a default export, a
 * {@link CommandFile}: drop it in, and the next start knows it. test/commands/example.test.ts is the test to copy.
 */
export type { About, Args, CommandFile, Context } from './commands/command.ts';
export { readCount, readId, readText } from './commands/counts.ts';
export { fitting, newestFitting } from './commands/fitting.ts';
export { jsonInWords } from './commands/json.ts';
export { loadCommands } from './commands/load.ts';
export { commitLink, environmentOf } from './commands/naming.ts';
export { fittingPage, type Page, pageOptions, printPage, readPage, usual as usualOnPage } from './commands/pages.ts';
export { isForAll, showOption } from './commands/show.ts';
export {
  names,
  signFor,
  stateOf,
  trailOf,
  unlookedAt,
  whatIs,
  whenAndWho,
  whyUntold,
} from './commands/sighted.ts';
export { printWatch, toldHereInWords, whatIsTold } from './commands/told-here.ts';
export { understand } from './commands/understand.ts';
export { whereTo } from './commands/where-to.ts';
export type { Account } from './deploy/account.ts';
export { ago } from './deploy/age.ts';
export { type App, type Apps, type Environment, environmentNamed } from './deploy/apps.ts';
export type { Deployer, Known } from './deploy/deployer.ts';
export { type Deployment, type Person, type Place, refOf, type Stage, type Status } from './deploy/deployment.ts';
export type { Change, Difference, DiffQuestion, Side } from './deploy/diff.ts';
export type { History, HistoryEntry, HistoryQuestion } from './deploy/history.ts';
export type { ListQuestion, OnGitHub } from './deploy/inspect.ts';
export { printTyped, shown } from './deploy/line.ts';
export { nearest } from './deploy/nearest.ts';
export type { OptionSpec } from './deploy/options.ts';
export type { Answer, Clock, Command, DeploymentPage, GitHubDeployment } from './deploy/ports.ts';
export { printQuestion } from './deploy/print-subject.ts';
export { type Named, printWhich } from './deploy/print-which.ts';
export { againOptions, readExtras } from './deploy/read-again.ts';
export { readDestroy } from './deploy/read-destroy.ts';
export { markInOrder, markOptions, readMark } from './deploy/read-mark.ts';
export { readPromote } from './deploy/read-promote.ts';
export { readRollback } from './deploy/read-rollback.ts';
export { type Button, Refusal } from './deploy/refusal.ts';
export { type DeployRequest, deployOptions, parseDeploy, printDeploy, printOptions } from './deploy/request.ts';
export type { Sighting } from './deploy/sighting.ts';
export { signOf } from './deploy/sign.ts';
export { readSubject, type Subject } from './deploy/subject.ts';
export type { ToldHere, Watch, Watched } from './deploy/watch.ts';
export type { InEnvironment, Whereabouts } from './deploy/where.ts';
export { readOnlyWhich, readWhich } from './deploy/which.ts';
export type { Identity } from './deploy/who-am-i.ts';
export { bold, code, lines, link, list, type Piece, person, plain, room, say, type Words } from './deploy/words.ts';
