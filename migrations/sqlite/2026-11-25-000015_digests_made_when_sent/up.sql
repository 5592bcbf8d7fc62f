-- A digest is made each time that it is sent: what is kept of it is of what, and of which day.
UPDATE webhook_deliveries SET body = json_object(
  'municipality_id', json_extract(body, '$.data.municipality.id'),
  'day', json_extract(body, '$.data.day'),
  'left_out_from', json_extract(body, '$.data.left_out_from')
) WHERE type = 'digest.daily';
