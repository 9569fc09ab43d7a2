// The front end of LivePose, and of the live page.

import { View, widgetOf } from "./live_view.js";
import { Loop } from "./loop.js";

export default widgetOf(Loop, View);
