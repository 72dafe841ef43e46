"""A call of the API as a short program, in each language of `examples/` in the repository.

Rules kept here:
- a program uses only the standard library of its language, prints the answer, and reads the key from `ONESIXTY_KEY`
  (the session of a user from `SESSION_COOKIE`);
- bodies stand in it as they are sent, so that a program can be copied and changed;
- the programs run: a test runs each language's against the product.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

KEY: Final = "key"
SESSION: Final = "session"

_JSON: Final = "application/json"


class Sample(NamedTuple):
    """A call. `path` includes the query. `caller` is KEY, SESSION or None. `upload` is the name of the file that is
    the body; `saved` the one in which the answer goes, since it is a file, too."""

    method: str
    url: str
    path: str
    caller: str | None = KEY
    body: Any = None
    content_type: str = _JSON
    upload: str | None = None
    saved: str | None = None
    stream: bool = False

    @property
    def text(self) -> str | None:
        """The body as indented JSON."""
        return None if self.body is None else json.dumps(self.body, indent=2, ensure_ascii=False)

    @property
    def typed(self) -> bool:
        """Whether the request says its Content-Type."""
        return self.body is not None or self.upload is not None or self.by_session

    @property
    def by_session(self) -> bool:
        """Whether it changes something in the name of a session, which has to show that a page of the site asks."""
        return self.caller == SESSION and self.method != "GET"

    def headers(self, key: str, cookie: str) -> list[tuple[str, str]]:
        """The headers; `key` and `cookie` are how the language writes their values."""
        found: list[tuple[str, str]] = []
        if self.caller == KEY:
            found.append(("Authorization", key))
        elif self.caller == SESSION:
            found.append(("Cookie", cookie))
        if self.by_session:
            found += [("Origin", _quoted(self.url)), ("X-Onesixty-Console", _quoted("1"))]
        if self.typed:
            found.append(("Content-Type", _quoted(self.content_type)))
        return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _indented(text: str, spaces: int) -> str:
    """All lines but the first, moved to the right."""
    return text.replace("\n", "\n" + " " * spaces)


def curl(call: Sample) -> str:
    """For bash."""
    url = call.url + call.path
    words = "curl" if call.method == "GET" else f"curl -X {call.method}"
    options = "-N " if call.stream else f"-o {call.saved} " if call.saved else ""
    lines = [f'{words} {options}"{url}"']
    if call.caller == KEY:
        lines.append('  -H "Authorization: Bearer $ONESIXTY_KEY"')
    elif call.caller == SESSION:
        lines.append('  -H "Cookie: $SESSION_COOKIE"')
    if call.by_session:
        lines.append(f'  -H "Origin: {call.url}" -H "X-Onesixty-Console: 1"')
    if call.typed:
        lines.append(f'  -H "Content-Type: {call.content_type}"')
    if call.upload is not None:
        lines.append(f"  --data-binary @{call.upload}")
    elif call.text is not None:
        lines.append("  -d '" + call.text.replace("'", "'\\''") + "'")
    return " \\\n".join(lines)


def python(call: Sample) -> str:
    """Python 3.11, urllib."""
    key = "f\"Bearer {os.environ['ONESIXTY_KEY']}\""
    headers = call.headers(key, "os.environ['SESSION_COOKIE']")
    modules = ["import json"] if call.body is not None else []
    modules += ["import os"] if call.caller else []
    given = [f'    "{call.url}{call.path}",', f'    method="{call.method}",']
    if headers:
        given.append("    headers={")
        given += [f'        "{name}": {value},' for name, value in headers]
        given.append("    },")
    if call.upload is not None:
        given.append(f'    data=open("{call.upload}", "rb").read(),')
    elif call.body is not None:
        given.append(f"    data=json.dumps({_indented(_python_value(call.body), 4)}).encode(),")
    read = "print(answer.read().decode())"
    if call.stream:
        read = "for line in answer:\n        print(line.decode(), end='')"
    elif call.saved is not None:
        read = f'open("{call.saved}", "wb").write(answer.read())'
    return "\n".join(
        [*modules, "from urllib.request import Request, urlopen", "", "request = Request(", *given, ")",
         "with urlopen(request) as answer:", f"    {read}"]
    )  # fmt: skip


def _python_value(value: Any, depth: int = 0) -> str:
    """A JSON value as Python writes it."""
    pad = "    " * depth
    if isinstance(value, dict) and value:
        lines = [
            f"{pad}    {_quoted(name)}: {_python_value(item, depth + 1)}," for name, item in value.items()
        ]
        return "{\n" + "\n".join(lines) + f"\n{pad}}}"
    if isinstance(value, list):
        return "[" + ", ".join(_python_value(item, depth + 1) for item in value) + "]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def typescript(call: Sample) -> str:
    """TypeScript on Node 20, fetch."""
    headers = call.headers("`Bearer ${process.env.ONESIXTY_KEY}`", "process.env.SESSION_COOKIE!")
    given = [f'  method: "{call.method}",']
    if headers:
        given.append("  headers: {")
        given += [f'    "{name}": {value},' for name, value in headers]
        given.append("  },")
    files = ["readFileSync"] if call.upload else []
    files += ["writeFileSync"] if call.saved else []
    if call.upload is not None:
        given.append(f'  body: readFileSync("{call.upload}"),')
    elif call.text is not None:
        given.append(f"  body: JSON.stringify({_indented(call.text, 2)}),")
    read = ["console.log(await answer.text());"]
    if call.stream:
        read = [
            "for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {",
            "  process.stdout.write(part);",
            "}",
        ]
    elif call.saved is not None:
        read = [f'writeFileSync("{call.saved}", Buffer.from(await answer.arrayBuffer()));']
    head = [f'import {{ {", ".join(files)} }} from "node:fs";', ""] if files else []
    return "\n".join(
        [
            *head,
            f'const answer = await fetch("{call.url}{call.path}", {{',
            *given,
            "});",
            *read,
            "",
            "export {};",
        ]
    )


def php(call: Sample) -> str:
    """PHP 8.2, streams."""
    headers = call.headers('"Bearer " . getenv("ONESIXTY_KEY")', 'getenv("SESSION_COOKIE")')
    lines = ["<?php", "$options = [", f'    "method" => "{call.method}",', '    "ignore_errors" => true,']
    if headers:
        lines.append('    "header" => [')
        lines += [f'        "{name}: " . {value},' for name, value in headers]
        lines.append("    ],")
    if call.upload is not None:
        lines.append(f'    "content" => file_get_contents("{call.upload}"),')
    elif call.body is not None:
        lines.append(f'    "content" => json_encode({_indented(_php_value(call.body), 4)}),')
    lines += ["];", '$context = stream_context_create(["http" => $options]);']
    read = f'file_get_contents("{call.url}{call.path}", false, $context)'
    if call.stream:
        lines += [
            f'$stream = fopen("{call.url}{call.path}", "r", false, $context);',
            "while (($line = fgets($stream)) !== false) {",
            "    echo $line;",
            "}",
        ]
    elif call.saved is not None:
        lines.append(f'file_put_contents("{call.saved}", {read});')
    else:
        lines.append(f"echo {read};")
    return "\n".join(lines)


def _php_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _php_value(value: Any, depth: int = 0) -> str:
    """A JSON value as PHP writes it. An empty object is no empty array."""
    pad = "    " * depth
    if isinstance(value, dict):
        if not value:
            return "new stdClass()"
        lines = [
            f"{pad}    {_php_text(name)} => {_php_value(item, depth + 1)}," for name, item in value.items()
        ]
        return "[\n" + "\n".join(lines) + f"\n{pad}]"
    if isinstance(value, list):
        return "[" + ", ".join(_php_value(item, depth + 1) for item in value) + "]"
    return _php_text(value) if isinstance(value, str) else json.dumps(value)


def java(call: Sample) -> str:
    """Java 17, java.net.http."""
    key = '"Bearer " + System.getenv("ONESIXTY_KEY")'
    body, kind = "noBody()", "ofString"
    if call.upload is not None:
        body = f'ofFile(Path.of("{call.upload}"))'
    elif call.text is not None:
        block = call.text.replace("\\", "\\\\").replace('"""', '\\"""')
        body = f'ofString("""\n                {_indented(block, 16)}""")'
    if call.saved is not None:
        kind = f'ofFile(Path.of("{call.saved}"))'
    http = ("HttpClient", "HttpRequest", "HttpRequest.BodyPublishers", "HttpResponse.BodyHandlers")
    lines = ["import java.net.URI;", *(f"import java.net.http.{name};" for name in http)]
    lines += ["import java.nio.file.Path;"] if call.upload or call.saved else []
    lines += ["", "public class Example {", "    public static void main(String[] arguments) throws Exception {",
              f'        var request = HttpRequest.newBuilder(URI.create("{call.url}{call.path}"))']  # fmt: skip
    lines += [
        f'            .header("{name}", {value})'
        for name, value in call.headers(key, 'System.getenv("SESSION_COOKIE")')
    ]
    handler = (
        "BodyHandlers.ofLines()" if call.stream else f"BodyHandlers.{kind if call.saved else 'ofString()'}"
    )
    read = (
        "answer.body().forEach(System.out::println);" if call.stream else "System.out.println(answer.body());"
    )
    lines += [
        f'            .method("{call.method}", BodyPublishers.{body})',
        "            .build();",
        "        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();",
        f"        var answer = client.send(request, {handler});",
        f"        {read}",
        "    }",
        "}",
    ]
    return "\n".join(lines)


def go(call: Sample) -> str:
    """Go 1.19, net/http."""
    modules = ["io", "net/http", "os"]
    body = "nil"
    before: list[str] = []
    if call.upload is not None:
        before, body = [f'\tfile, _ := os.Open("{call.upload}")'], "file"
    elif call.text is not None:
        modules.append("strings")
        body = "strings.NewReader(`" + call.text.replace("`", '` + "`" + `') + "`)"
    lines = [
        "package main",
        "",
        "import (",
        *(f'\t"{name}"' for name in sorted(modules)),
        ")",
        "",
        "func main() {",
    ]
    lines += [*before, f'\trequest, err := http.NewRequest("{call.method}", "{call.url}{call.path}", {body})',
              "\tif err != nil {", "\t\tpanic(err)", "\t}"]  # fmt: skip
    key = '"Bearer "+os.Getenv("ONESIXTY_KEY")'
    lines += [
        f'\trequest.Header.Set("{name}", {value})'
        for name, value in call.headers(key, 'os.Getenv("SESSION_COOKIE")')
    ]
    out = "os.Stdout"
    lines += ["\tanswer, err := http.DefaultClient.Do(request)", "\tif err != nil {", "\t\tpanic(err)", "\t}",
              "\tdefer answer.Body.Close()"]  # fmt: skip
    if call.saved is not None:
        lines.append(f'\tsaved, _ := os.Create("{call.saved}")')
        out = "saved"
    return "\n".join([*lines, f"\tio.Copy({out}, answer.Body)", "}"])


def csharp(call: Sample) -> str:
    """C# 7, HttpClient."""
    key = '"Bearer " + Environment.GetEnvironmentVariable("ONESIXTY_KEY")'
    headers = call.headers(key, 'Environment.GetEnvironmentVariable("SESSION_COOKIE")')
    modules = ["System", "System.Net.Http", "System.Threading.Tasks"]
    modules += ["System.IO"] if call.upload or call.saved or call.stream else []
    modules += ["System.Text"] if call.text is not None else []
    modules += ["System.Net.Http.Headers"] if call.upload or (call.by_session and call.text is None) else []
    where = f'new HttpMethod("{call.method}"), "{call.url}{call.path}"'
    lines = [*(f"using {name};" for name in sorted(modules)), "", "static class Example", "{",
             "    static void Main() => Run().GetAwaiter().GetResult();", "",
             "    static async Task Run()", "    {", "        using (var client = new HttpClient())",
             f"        using (var request = new HttpRequestMessage({where}))",
             "        {"]  # fmt: skip
    lines += [
        f'            request.Headers.TryAddWithoutValidation("{name}", {value});'
        for name, value in headers
        if name != "Content-Type"
    ]
    if call.text is not None:
        text = _indented(call.text.replace('"', '""'), 12)
        content = f'new StringContent(@"{text}", Encoding.UTF8, "{call.content_type}")'
        lines.append(f"            request.Content = {content};")
    elif call.typed:
        content = f'File.ReadAllBytes("{call.upload}")' if call.upload else "new byte[0]"
        lines.append(f"            request.Content = new ByteArrayContent({content});")
        lines.append(
            f'            request.Content.Headers.ContentType = new MediaTypeHeaderValue("{call.content_type}");'
        )
    if call.stream:
        lines += [
            "            var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);",
            "            using (var reader = new StreamReader(await answer.Content.ReadAsStreamAsync()))",
            "                while (!reader.EndOfStream) Console.WriteLine(await reader.ReadLineAsync());",
        ]
    else:
        read = "Console.WriteLine(await answer.Content.ReadAsStringAsync());"
        if call.saved is not None:
            read = f'File.WriteAllBytes("{call.saved}", await answer.Content.ReadAsByteArrayAsync());'
        lines += ["            var answer = await client.SendAsync(request);", f"            {read}"]
    return "\n".join([*lines, "        }", "    }", "}"])


class Language(NamedTuple):
    """A language: the word by which a page colours its programs, its name for people, and how it writes a call."""

    key: str
    name: str
    write: Callable[[Sample], str]


LANGUAGES: Final = (
    Language("shell", "curl", curl),
    Language("python", "Python", python),
    Language("typescript", "TypeScript", typescript),
    Language("php", "PHP", php),
    Language("java", "Java", java),
    Language("go", "Go", go),
    Language("csharp", "C#", csharp),
)
