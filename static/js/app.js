// Everything here makes a page nicer that already works without it.
import "./cart.js";
import "./chats.js";
import "./company.js";
import "./composer.js";
import "./keys.js";
import "./notifications.js";
import "./prices.js";
import "./recommendations.js";
import "./reactions.js";
import "./times.js";
import "./ui.js";
import { startChat } from "./chat.js";
import { startFeed } from "./feed.js";
import { startNews } from "./news.js";
import { startPosts } from "./posts.js";

startFeed();
startChat();
startPosts();
startNews();
