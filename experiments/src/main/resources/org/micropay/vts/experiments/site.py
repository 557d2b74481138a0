"""A small web site as there are many: each page is read from a database and filled into a template.

It knows nothing of payments; the experiment puts the paying proxy in front of it. Standard library
only. Prints the port that it listens on, and ends with its standard input.
"""
import html
import http.server
import sqlite3
import string
import sys
import threading
import urllib.parse

PAGE = string.Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<style>body { max-width: 40rem; margin: 2rem auto; font: 1rem/1.5 serif } li { margin: .4rem 0 }</style></head>
<body><p>Good day, $reader. You have $unread unread articles.</p>
<h1>$title</h1><p><i>$author, read $views times</i></p>
$body
<h2>$count comments</h2><ul>
$comments
</ul><h2>More like this</h2><ul>
$more
</ul></body></html>
""")

def fill(db):
    db.execute("CREATE TABLE article (id INTEGER PRIMARY KEY, title TEXT, author TEXT, body TEXT, topic INTEGER, views INTEGER)")
    db.execute("CREATE TABLE comment (article INTEGER, at INTEGER, author TEXT, text TEXT)")
    db.execute("CREATE INDEX by_article ON comment (article, at)")
    db.execute("CREATE INDEX by_topic ON article (topic, views)")
    for i in range(500):
        words = " ".join("word%d" % ((i * 31 + k * 7) % 997) for k in range(45))
        db.execute("INSERT INTO article VALUES (?, ?, ?, ?, ?, 0)",
                   (i, "Article %d & what follows" % i, "Author %d" % (i % 17), words + "\n\n" + words, i % 20))
        for k in range(8):
            db.execute("INSERT INTO comment VALUES (?, ?, ?, ?)",
                       (i, k, "Reader <%d>" % (i * k % 91), "A remark of some length on point %d." % k))
    db.commit()

class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 16384
    local = threading.local()
    number = 0

    def do_GET(self):
        if not hasattr(self.local, "db"):
            self.local.db = sqlite3.connect("file:site?mode=memory&cache=shared", uri=True)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        Site.number += 1
        body = self.page(self.local.db, Site.number % 500, query.get("name", ["reader"])[0])
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, db, number, reader):
        title, author, text, topic, views = db.execute(
            "SELECT title, author, body, topic, views FROM article WHERE id = ?", (number,)).fetchone()
        comments = db.execute(
            "SELECT author, text FROM comment WHERE article = ? ORDER BY at LIMIT 8", (number,)).fetchall()
        more = db.execute(
            "SELECT title FROM article WHERE topic = ? AND id <> ? ORDER BY views DESC LIMIT 5", (topic, number)).fetchall()
        unread = db.execute("SELECT count(*) FROM article WHERE topic = ?", (topic,)).fetchone()[0]
        return PAGE.substitute(
            title=html.escape(title), author=html.escape(author), views=views,
            reader=html.escape(reader[:64]), unread=unread, count=len(comments),
            body="".join("<p>%s</p>\n" % html.escape(p) for p in text.split("\n\n")),
            comments="\n".join("<li><b>%s</b> %s</li>" % (html.escape(a), html.escape(t)) for a, t in comments),
            more="\n".join("<li>%s</li>" % html.escape(t[0]) for t in more)).encode()

    def log_message(self, *words):
        pass

if __name__ == "__main__":
    keep = sqlite3.connect("file:site?mode=memory&cache=shared", uri=True)
    fill(keep)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
