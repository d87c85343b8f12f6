"""Reading only: timelines and funnels."""
