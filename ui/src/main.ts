// Errors must reach the program before anything else may fail: the screen itself is loaded after that.

import { chooseBackend } from "./backend/choose";
import { reportFaults } from "./faults";

const backend = chooseBackend(new URLSearchParams(location.search));
reportFaults(window, (message) => backend.call({ do: "page-fault", message }));
void import("./start").then(({ start }) => start(backend));
