export * from "./types";
export { createTraces } from "./traces";
export { createWall } from "./painter";
export { token } from "./token";
export { loop } from "./loop";
