"""Cross-tables of a survey: answers by answers, weighted, with intervals and differences."""
