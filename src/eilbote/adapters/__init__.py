"""A door for programs that others wrote: Django, Celery and Airflow hand their mail to eilbote, and so do language models.

Each module translates and calls, and imports the program that it adapts; none of them is needed by eilbote itself.
"""
