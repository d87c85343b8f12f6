"""Reading only: calendars, forecasts and previews."""
