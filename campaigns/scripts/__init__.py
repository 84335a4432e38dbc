"""What operators say and look up: scripts with steps and answers, objections, articles.

Pure are ``script``, ``variables``, ``rich_text``, ``checking``, ``editing``, ``reading``, ``article``,
``asking`` and ``ukrainian``; tables are in ``models``; the others work in their caller's transaction.
"""
