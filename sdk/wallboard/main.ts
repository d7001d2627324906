import { setLanguage } from "../src/components/index.ts";
import { chosenLanguage } from "./choices.ts";
import "./login.ts";
import { keepUpToDate } from "./updates.ts";
import { Wallboard } from "./wallboard.ts";

const chosen = chosenLanguage();
if (chosen) setLanguage(chosen);

const wallboard = new Wallboard();
wallboard.platform = document.documentElement.dataset.mode === "platform";
document.body.prepend(wallboard);
keepUpToDate(() => wallboard.calm);
