"""The console and the API reference as the HTTP server answers them: the built files of `web/`, and what is there
while there are none.

Both are applications in the browser. They use the public API like every other client, so nothing here knows users,
messages or rights. Read the modules in this order:

- `build`: a build in memory: its page, its files with their compressed forms;
- `page`: a page that is filled for each answer, its policy and the other security headers;
- `kept`: the files of earlier builds, for tabs that are still open;
- `checkout`: whether onesixty runs from its repository, and whether a build is in progress there;
- `absent`: the small pages while there is no build;
- `place`: where the build is, and taking in a newer one;
- `door`: the routes, those of the API reference at `/docs` among them;
- `pages`: what each page of the console is for, as the page `/docs/console`.
"""
