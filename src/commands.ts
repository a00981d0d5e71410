/**
 * What a command file needs, and all that it may import. A command is one file in `commands/` with a default export, a
 * {@link CommandFile}: drop it in, and the next start knows it. test/commands/example.test.ts is the test to copy.
 */
export type { Args, CommandFile, Context } from './commands/command.ts';
export { loadCommands } from './commands/load.ts';
export { understand } from './commands/understand.ts';
export { type App, type Apps, type Environment, environmentNamed } from './deploy/apps.ts';
export type { Deployer, Known } from './deploy/deployer.ts';
export type { Deployment, Person, Place, Stage, Status } from './deploy/deployment.ts';
export { nearest } from './deploy/nearest.ts';
export type { OptionSpec } from './deploy/options.ts';
export type { Answer, Clock, Command } from './deploy/ports.ts';
export { type Button, Refusal } from './deploy/refusal.ts';
export { type DeployRequest, deployOptions, parseDeploy, printDeploy } from './deploy/request.ts';
export { bold, code, link, list, type Piece, person, plain, room, say, type Words } from './deploy/words.ts';
